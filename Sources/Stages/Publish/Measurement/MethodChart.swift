/// Methods side by side as an inline SVG: a dot for what each reaches on image level, a ring for pixel level.
package struct MethodChart: Sendable {
    /// One method.
    package struct Row: Sendable {
        package let title: String
        /// 0…1; nil = not measured.
        package let image: Double?
        package let pixel: Double?
        /// Whether it is the product, which stands out.
        package let isProduct: Bool

        package init(title: String, image: Double?, pixel: Double?, isProduct: Bool) {
            self.title = title
            self.image = image
            self.pixel = pixel
            self.isProduct = isProduct
        }
    }

    private static let width = 960.0
    private static let (left, right, top, pitch) = (300.0, 30.0, 10.0, 26.0)

    private let rows: [Row]

    package init(rows: [Row]) { self.rows = rows }

    /// The picture; the page's style sheet colours it.
    package var svg: String {
        let values = rows.flatMap { [$0.image, $0.pixel] }.compactMap(\.self)
        // From the next tenth below the worst: differences near 1 are what matters, and the axis says where it begins.
        let low = max(0, min(0.9, ((values.min() ?? 0.5) * 10 - 0.05).rounded(.down) / 10))
        let ground = Self.top + Double(rows.count) * Self.pitch
        let height = ground + 30
        func x(_ value: Double) -> String {
            point(Self.left + (value - low) / (1 - low) * (Self.width - Self.left - Self.right))
        }
        var marks = ""
        let stride = low >= 0.69 ? 0.05 : 0.1
        for step in 0...Int(((1 - low) / stride + 1e-6).rounded(.down)) {
            let value = low + Double(step) * stride
            marks += """
                <line class="grid" x1="\(x(value))" x2="\(x(value))" y1="\(point(Self.top))" y2="\(point(ground))"/>
                <text class="tick" x="\(x(value))" y="\(point(ground + 17))" text-anchor="middle">\(HTMLText.number(value, decimals: 2))</text>

                """
        }
        for (index, row) in rows.enumerated() {
            let middle = Self.top + (Double(index) + 0.5) * Self.pitch
            let kind = row.isProduct ? " product" : ""
            marks += """
                <text class="method\(kind)" x="\(point(Self.left - 16))" y="\(point(middle + 4.5))" text-anchor="end">\(HTMLText.escaped(row.title))</text>

                """
            if let image = row.image, let pixel = row.pixel {
                marks +=
                    "<line class=\"between\(kind)\" x1=\"\(x(image))\" x2=\"\(x(pixel))\" y1=\"\(point(middle))\" y2=\"\(point(middle))\"/>\n"
            }
            for (value, level) in [(row.pixel, "pixel"), (row.image, "image")] {
                guard let value else { continue }
                marks += """
                    <circle class="\(level)\(kind)" cx="\(x(value))" cy="\(point(middle))" r="5.5"><title>\(level) AUROC \
                    \(HTMLText.number(value, decimals: 4))</title></circle>

                    """
            }
        }
        return """
            <svg class="methods" viewBox="0 0 \(Int(Self.width)) \(Int(height))" role="img" \
            aria-label="Image and pixel AUROC of each method">
            \(marks)</svg>
            """
    }

    private func point(_ value: Double) -> String { HTMLText.number(value, decimals: 1) }
}
