"""The tutor in lines of text: for screen readers, line printers and scripts."""
