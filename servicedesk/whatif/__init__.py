"""What if: a past period judged again by other terms, with nothing written."""
