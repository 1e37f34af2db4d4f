module git.example.com/shop/checkout

go 1.24
