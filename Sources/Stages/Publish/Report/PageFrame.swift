/// What every page begins and ends with: it works from a file share, loads nothing, and sends nothing.
enum PageFrame {
    /// Everything before the body's element.
    ///
    /// - Parameters:
    ///   - title: not escaped yet.
    ///   - allowing: sources that the content security policy adds to styles of the page itself: `img-src data:`.
    ///   - css: styles beside the report's.
    static func head(title: String, allowing: [String] = [], css: String = "") -> String {
        let policy = (["default-src 'none'"] + allowing + ["base-uri 'none'", "form-action 'none'"]).joined(
            separator: "; ")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <title>\(HTMLText.escaped(title))</title>
            <style>
            \(ReportStyle.css)\(css.isEmpty ? "" : "\n" + css)
            </style>
            </head>

            """
    }

    /// The facts at the foot of a page.
    static func colophon(_ facts: [(name: String, value: String)]) -> String {
        let rows = facts.map {
            "<div><dt>\(HTMLText.escaped($0.name))</dt><dd><bdi>\(HTMLText.escaped($0.value))</bdi></dd></div>"
        }.joined(separator: "\n")
        return "<footer><dl>\(rows)</dl></footer>"
    }
}
