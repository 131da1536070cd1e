"""Who is who below me: the directory of people, their roles and certificates, and why somebody may do something."""
