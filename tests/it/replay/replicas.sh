prodgen new worker mailer --team shop --image registry.example.com/shop/checkout:1.4.2 --port 9100 --replicas 4 --set shutdown=60s --no-input
