"""Graph files of every format, read to the `maxcut` of a spec; see docs/file_formats.md."""
