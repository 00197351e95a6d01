import Foundation
import Recipe

/// Where a line's things lie below a plant's root folder.
package struct LineFolders: Sendable {
    package let line: String
    package let root: URL

    /// `root` nil = the current folder.
    package init(line: String, root: String?) {
        self.line = line
        self.root = URL(fileURLWithPath: root ?? ".", isDirectory: true).standardizedFileURL
    }

    /// `pipelines/<line>/`
    package var pipeline: URL { folder("pipelines") }
    /// `pipelines/<line>/recipe.json5`
    package var recipe: URL { pipeline.appendingPathComponent("recipe.json5") }
    /// `models/<line>/`: the model bundle.
    package var model: URL { folder("models") }
    /// `runs/<line>/`: one folder per run.
    package var runs: URL { folder("runs") }

    /// The line's recipe.
    package func loadRecipe() throws(VerbError) -> Recipe {
        do throws(RecipeError) {
            return try Recipe(contentsOf: recipe)
        } catch {
            throw .recipe(error)
        }
    }

    /// A path written in the recipe, absolute.
    package func resolve(_ path: String) -> URL { Recipe.resolve(path, against: pipeline) }

    private func folder(_ name: String) -> URL {
        root.appendingPathComponent(name, isDirectory: true).appendingPathComponent(line, isDirectory: true)
    }
}
