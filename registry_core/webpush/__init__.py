"""Web Push: notices to browsers that have no page of ours open, sealed for the browser alone (decision 0023)."""
