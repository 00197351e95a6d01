// CheckpointTests
