"""The register of cookies and the log of what visitors chose (S58, S84; ЗЕТ чл. 4а, ePrivacy Art. 5(3)).

Only what is strictly necessary is set without being asked for. A choice is made by category, refused as easily as
agreed to, changed at any time, and asked for again after a time or under a new text. The log knows a random id, a
truncated network and a family of browsers: nobody's address, nobody's account. Nothing is sent to a pixel from here.
"""
