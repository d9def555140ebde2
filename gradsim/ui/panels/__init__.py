"""Parameter forms, built from the metadata of the specifications."""
