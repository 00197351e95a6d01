// nightshiftTests
