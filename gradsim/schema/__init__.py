"""Settings as typed parameters, and registries of building blocks: what files, forms and help are made from."""
