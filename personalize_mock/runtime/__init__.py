"""What the runtime operations answer from: models, the data as they are now, filters. It needs numpy."""
