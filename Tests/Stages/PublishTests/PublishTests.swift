// PublishTests
