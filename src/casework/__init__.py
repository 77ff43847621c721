"""Cases of left-behind children in schools."""
