module git.example.com/acme/everything/services/checkout
