// Recipe
