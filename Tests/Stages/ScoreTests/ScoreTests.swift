// ScoreTests
