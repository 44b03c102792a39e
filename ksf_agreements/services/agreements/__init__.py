"""An agreement's life, recorded: issued, given notice of, renewed, changed, entered from paper, erased from."""
