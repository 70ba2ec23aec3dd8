package metrics

import "github.com/prometheus/client_golang/prometheus"

// PoolStatistics is the state of the connection pool at one moment.
type PoolStatistics struct {
	Idle, Used, Max, Pending int
}

var pool = prometheus.Labels{"db_client_connection_pool_name": "main"}

// WatchPool measures the database as well, and asks for the state of its pool at each scrape.
func (m *Metrics) WatchPool(statistics func() PoolStatistics) {
	gauge := func(name, help string, labels prometheus.Labels, value func(PoolStatistics) int) prometheus.Collector {
		opts := prometheus.GaugeOpts{Name: "db_client_connection_" + name, Help: help, ConstLabels: labels}
		return prometheus.NewGaugeFunc(opts, func() float64 { return float64(value(statistics())) })
	}
	state := func(name string) prometheus.Labels {
		return prometheus.Labels{"db_client_connection_pool_name": "main", "db_client_connection_state": name}
	}
	m.registry.MustRegister(
		m.operations, m.timeouts,
		gauge("count", "Connections by state.", state("idle"), func(s PoolStatistics) int { return s.Idle }),
		gauge("count", "Connections by state.", state("used"), func(s PoolStatistics) int { return s.Used }),
		gauge("max", "Connections the pool may open.", pool, func(s PoolStatistics) int { return s.Max }),
		gauge("pending_requests", "Requests that wait for a connection.", pool,
			func(s PoolStatistics) int { return s.Pending }),
	)
}
