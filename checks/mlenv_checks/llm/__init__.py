"""Keys of language models: in .env and in the shell, their form, their endpoints, and who else can read them."""

MODULES = ("dotenv_file", "checks", "endpoints", "provider_answers", "exposure", "sdk")
