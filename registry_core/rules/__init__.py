"""Rules of a jurisdiction as data: packs owned by units, inherited down the tree, filed with the level above."""
