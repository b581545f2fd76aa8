"""Small building blocks of the screens: plain elements with the classes of assets/casso.css."""
