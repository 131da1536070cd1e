"""Questions, desks, offers and custody: the way of a question up the ladder and of the answer back."""
