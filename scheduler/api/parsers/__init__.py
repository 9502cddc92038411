"""Taking in what is posted: large or slow bodies are read and worked off in processes beside the API's."""
