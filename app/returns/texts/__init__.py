"""The words that the law wants said of a contract: before it, in its confirmation and where it is withdrawn from.

Each sentence stands here once, in both languages; the endpoint, the mails and the pages take it from here.
"""
