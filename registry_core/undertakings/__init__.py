"""What readers of personal data promise before the first look, and the purpose that they name.

Source: file 001, 4.1 (confidentiality); file 002, article 27 (purpose). The way it is checked: decision 0020.
"""
