// DefectsTests
