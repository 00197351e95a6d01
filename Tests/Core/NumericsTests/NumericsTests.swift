// NumericsTests
