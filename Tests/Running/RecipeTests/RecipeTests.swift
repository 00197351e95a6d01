// RecipeTests
