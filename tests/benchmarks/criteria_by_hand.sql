-- The criteria of a table of order lines, one row per customer, in one reading per grain: orders, categories, returns.
-- Filled in by criteria_10m.py: the file that is read, the file that is written, and the shares of the common categories.
SET preserve_insertion_order = false;
COPY (
  WITH visits AS (
    SELECT customer, order_id,
           min(ordered_at) AS ordered_at,
           min(ordered_on) AS ordered_on,
           sum(amount_minor) AS amount_minor,
           sum(quantity::DECIMAL(18, 3)) AS units,
           min(country) AS country,
           min(ordered_on) >= DATE '2025-10-01' AS recent
    FROM '{orders}'
    WHERE ordered_at < TIMESTAMP '2026-10-01'
    GROUP BY ALL
  ), bought AS (
    SELECT customer,
           min(ordered_on) AS first_ever,
           min(ordered_on) FILTER (recent) AS first_on,
           max(ordered_on) FILTER (recent) AS last_on,
           count(*) FILTER (recent) AS order_count,
           sum(amount_minor) FILTER (recent) AS monetary_minor,
           sum(units) FILTER (recent) AS units,
           count(*) FILTER (recent AND isodow(ordered_on) >= 6) AS weekend_orders,
           count(*) FILTER (recent AND hour(ordered_at) >= 18) AS evening_orders,
           arg_min(country, row(-epoch_us(ordered_at), country)) FILTER (recent AND country IS NOT NULL) AS country
    FROM visits
    GROUP BY customer
    HAVING order_count > 0
  ), spent AS (
    SELECT customer, category, sum(amount_minor) AS amount_minor
    FROM '{orders}'
    WHERE ordered_at < TIMESTAMP '2026-10-01' AND ordered_on >= DATE '2025-10-01' AND category IS NOT NULL
    GROUP BY ALL
  ), liked AS (
    SELECT customer, count(*) AS breadth_count, arg_min(category, row(-amount_minor, category)) AS top_category, {shares}
    FROM spent
    GROUP BY customer
  ), back AS (
    SELECT customer, count(DISTINCT order_id) AS return_count
    FROM '{orders}'
    WHERE quantity < 0 AND ordered_at < TIMESTAMP '2026-10-01' AND ordered_at::DATE >= DATE '2025-10-01'
    GROUP BY customer
  ), home AS (
    SELECT country FROM bought WHERE country IS NOT NULL GROUP BY country ORDER BY count(*) DESC, country LIMIT 1
  )
  SELECT customer,
         DATE '2026-09-30' - last_on AS recency_days,
         order_count,
         monetary_minor::BIGINT AS monetary_minor,
         monetary_minor / order_count AS order_value_minor,
         DATE '2026-09-30' - first_ever AS tenure_days,
         (last_on - first_on) / nullif(order_count - 1, 0) AS gap_days,
         coalesce(breadth_count, 0) AS breadth_count,
         units::DOUBLE / order_count AS units_per_order,
         coalesce(return_count, 0) AS return_count,
         least(coalesce(return_count, 0) / order_count, 1.0) AS return_share,
         weekend_orders / order_count AS weekend_share,
         evening_orders / order_count AS evening_share,
         coalesce(top_category, 'unknown') AS top_category,
         coalesce(bought.country, 'unknown') AS country,
         (bought.country = (SELECT country FROM home))::BIGINT AS domestic_flag,
         {names}
  FROM bought LEFT JOIN liked USING (customer) LEFT JOIN back USING (customer)
  ORDER BY customer
) TO '{target}' (FORMAT parquet);
