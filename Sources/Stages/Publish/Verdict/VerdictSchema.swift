import Foundation
import Handover

/// The JSON Schema of a verdict: the written contract with whoever reads `verdicts.jsonl`.
package enum VerdictSchema {
    /// Where the schema lies in a run's folder.
    package static let path = "verdict.schema.json"

    /// The file to put into every run's folder, so that a run explains itself.
    package static var file: Publication.File { Publication.File(path: path, bytes: Data(json.utf8)) }

    /// The schema (JSON Schema, draft 2020-12).
    package static let json = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:nightshift:verdict:1",
          "title": "nightshift verdict",
          "description": "What the inspector says of one part. One line of verdicts.jsonl is one such object.",
          "type": "object",
          "additionalProperties": false,
          "required": ["schema", "part", "verdict", "score", "rawScore", "pValue", "thresholds", "regions", "heatmap",
                       "model", "recipeSha256", "query", "timingsMs", "tool"],
          "properties": {
            "schema": { "const": 1, "description": "Version of this shape." },
            "part": { "$ref": "#/$defs/part" },
            "verdict": { "enum": ["pass", "review", "fail"] },
            "score": { "type": "number", "description": "1 is the fail threshold; not clamped, larger is more anomalous." },
            "rawScore": { "type": "number", "description": "The score before calibration to the threshold." },
            "pValue": { "type": "number", "exclusiveMinimum": 0, "maximum": 1,
                        "description": "Share of held-out good parts with at least this score." },
            "thresholds": {
              "type": "object",
              "additionalProperties": false,
              "required": ["review", "fail", "overkillRate"],
              "properties": {
                "review": { "type": "number", "maximum": 1 },
                "fail": { "type": "number" },
                "overkillRate": { "type": "number", "minimum": 0, "maximum": 1 }
              }
            },
            "regions": { "type": "array", "items": { "$ref": "#/$defs/region" },
                         "description": "Empty on a part that passes." },
            "heatmap": {
              "type": "object",
              "additionalProperties": false,
              "required": ["path", "scale", "top"],
              "properties": {
                "path": { "type": "string", "pattern": "^heatmaps/[A-Za-z0-9._-]+\\.png$" },
                "scale": { "type": "number", "exclusiveMinimum": 0, "maximum": 1,
                           "description": "Heatmap pixels per pixel of the picture." },
                "top": { "type": "number", "minimum": 1,
                         "description": "Map value of the brightest colour; red begins at 1." }
              }
            },
            "model": {
              "type": "object",
              "additionalProperties": false,
              "required": ["name", "version", "sha256"],
              "properties": {
                "name": { "type": "string", "minLength": 1 },
                "version": { "type": "string", "minLength": 1 },
                "sha256": { "$ref": "#/$defs/sha256" },
                "method": { "enum": ["vl-jepa", "clip"],
                            "description": "What the model judges by; absent in verdicts of before there was a choice." }
              }
            },
            "recipeSha256": { "$ref": "#/$defs/sha256" },
            "query": { "type": "string" },
            "timingsMs": { "type": "object", "additionalProperties": { "type": "number", "minimum": 0 } },
            "tool": {
              "type": "object",
              "additionalProperties": false,
              "required": ["name", "version"],
              "properties": {
                "name": { "type": "string", "minLength": 1 },
                "version": { "type": "string", "minLength": 1 }
              }
            }
          },
          "allOf": [
            { "if": { "properties": { "verdict": { "const": "pass" } } },
              "then": { "properties": { "regions": { "maxItems": 0 } } } }
          ],
          "$defs": {
            "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            "part": {
              "type": "object",
              "additionalProperties": false,
              "required": ["id", "path", "sha256", "bytes", "width", "height", "camera"],
              "properties": {
                "id": { "type": "string", "pattern": "^[A-Za-z0-9._-]+$" },
                "path": { "type": "string", "minLength": 1 },
                "sha256": { "$ref": "#/$defs/sha256" },
                "bytes": { "type": "integer", "minimum": 1 },
                "width": { "type": "integer", "minimum": 1 },
                "height": { "type": "integer", "minimum": 1 },
                "camera": { "type": "string" },
                "capturedAt": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" }
              }
            },
            "region": {
              "type": "object",
              "additionalProperties": false,
              "required": ["bbox", "areaPx", "areaFraction", "peak", "peakAt"],
              "properties": {
                "bbox": { "type": "array", "minItems": 4, "maxItems": 4, "items": { "type": "integer", "minimum": 0 },
                          "description": "x, y, width, height in pixels of the picture." },
                "areaPx": { "type": "integer", "minimum": 0 },
                "areaFraction": { "type": "number", "minimum": 0, "maximum": 1 },
                "peak": { "type": "number" },
                "peakAt": { "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "integer", "minimum": 0 } },
                "label": { "type": "string", "minLength": 1 },
                "similarity": { "type": "number", "minimum": -1, "maximum": 1 },
                "description": { "type": "string", "minLength": 1,
                                 "description": "One sentence: what, how large, where." },
                "alternatives": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["label", "similarity"],
                    "properties": {
                      "label": { "type": "string", "minLength": 1 },
                      "similarity": { "type": "number", "minimum": -1, "maximum": 1 }
                    }
                  }
                }
              }
            }
          }
        }

        """#
}
