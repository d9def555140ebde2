"""Moving pictures: a span of steps as GIF, APNG or, with the `video` extra, MP4."""
