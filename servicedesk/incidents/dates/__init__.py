"""D1 to D6: wishes and promises: choosing them, answering them, and what became of them."""
