"""Up to the order: quote and placing. One transaction takes the cart, the stock, the declaration and the promises."""
