"""The models that a streamer brings for the avatar: kept, checked, and handed to the stage page."""
