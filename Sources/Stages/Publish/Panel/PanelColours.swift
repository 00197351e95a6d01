import Imaging

/// The panel's colours: those of the review page by day.
enum PanelColours {
    static let paper = Colour(red: 247, green: 246, blue: 243)
    static let well = Colour(red: 236, green: 234, blue: 229)
    static let rule = Colour(red: 220, green: 218, blue: 212)
    static let ink = Colour(red: 28, green: 30, blue: 33)
    static let soft = Colour(red: 96, green: 100, blue: 107)
    static let white = Colour(red: 255, green: 255, blue: 255)
    static let fail = Colour(red: 210, green: 50, blue: 31)
    static let failSoft = Colour(red: 246, green: 208, blue: 201)
    static let review = Colour(red: 180, green: 114, blue: 10)
    static let reviewSoft = Colour(red: 246, green: 225, blue: 184)
}
