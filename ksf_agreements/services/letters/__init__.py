"""Letters and drafts, made for whoever asks for them."""
