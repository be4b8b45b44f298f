"""How documents are read: JSON, XML, CSV, times, numbers, mappings; and what is masked."""
