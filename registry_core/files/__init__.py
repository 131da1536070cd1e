"""Files of the whole house: brought in pieces, checked, stored once per content, handed out with a right each time."""
