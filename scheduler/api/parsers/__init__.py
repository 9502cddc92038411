"""Parsing of submitted bodies: large or slow ones are handled by processes separate from the API's."""
