prodgen new service vault --team bank --preset regulated --image registry.example.com/shop/checkout:1.4.2 --probe /ready --no-input
