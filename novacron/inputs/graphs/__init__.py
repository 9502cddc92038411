"""Graph files of every format, parsed to the `maxcut` of a spec; see docs/file_formats.md."""
