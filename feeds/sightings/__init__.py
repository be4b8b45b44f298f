"""What cameras see by their own word: recorders and cameras that report motion, people, lines crossed."""
