/// The panel's colours: those of the review page by day, (red, green, blue).
enum PanelColours {
    static let paper = SIMD3<UInt8>(247, 246, 243)
    static let well = SIMD3<UInt8>(236, 234, 229)
    static let rule = SIMD3<UInt8>(220, 218, 212)
    static let ink = SIMD3<UInt8>(28, 30, 33)
    static let soft = SIMD3<UInt8>(96, 100, 107)
    static let white = SIMD3<UInt8>(255, 255, 255)
    static let fail = SIMD3<UInt8>(210, 50, 31)
    static let failSoft = SIMD3<UInt8>(246, 208, 201)
    static let review = SIMD3<UInt8>(180, 114, 10)
    static let reviewSoft = SIMD3<UInt8>(246, 225, 184)
}
