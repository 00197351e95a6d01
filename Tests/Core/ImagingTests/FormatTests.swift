import Foundation
import Testing

@testable import Imaging

@Suite struct FormatTests {
    @Test func contentDecides() throws {
        #expect(ImageFormat.sniff(try pattern(4, 4, channels: 1).pngData()) == .png)
        #expect(ImageFormat.sniff(try pattern(4, 4, channels: 1).jpegData()) == .jpeg)
        #expect(ImageFormat.sniff(bitmap(of: pattern(4, 4, channels: 3), bits: 24)) == .bmp)
        #expect(ImageFormat.sniff(Data("BM is how this text begins, honestly".utf8)) == nil)
        #expect(ImageFormat.sniff(Data()) == nil)
    }

    @Test(arguments: [
        ("", "an empty file"), ("hello", "text"), ("größer", "text"), ("GIF89a....", "a GIF image"),
        ("%PDF-1.7", "a PDF"), ("PK\u{03}\u{04}", "a ZIP archive"), ("\u{7F}ELF..", "an executable"),
        ("#!/bin/sh", "a script"), ("<!DOCTYPE html><p>", "an HTML page"), ("RIFF1234WEBPVP8 ", "a WebP image"),
        ("II*\u{0}", "a TIFF image"), ("\u{0}\u{0}\u{0}\u{0}", "zeros"), ("a\u{1}b", "unknown binary data"),
        ("MZ..", "an executable"), ("  <svg xmlns", "an SVG drawing"),
    ])
    func foreignFilesAreNamed(text: String, name: String) {
        #expect(ImageFormat.describe(Data(text.utf8)) == name)
        if !text.isEmpty { #expect(ImageFormat.endsWhole(Data(text.utf8))) }
        #expect(throws: ImageError.unknownFormat(found: name)) { try Image.decode(Data(text.utf8)) }
    }

    @Test func nothingIsNotWhole() {
        #expect(!ImageFormat.endsWhole(Data()))
        #expect(!ImageFormat.endsWhole(Data(PNGStructure.signature.prefix(3))))
    }
}
