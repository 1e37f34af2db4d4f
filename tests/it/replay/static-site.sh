prodgen new service site --team web --preset static-site --image registry.example.com/shop/checkout:1.4.2 --port 8081 --probe /index.html --no-input
