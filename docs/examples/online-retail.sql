-- Maps UCI Online Retail (Chen, Sain, Guo 2012; the CSV of its one sheet) to events.
--
-- A row of the log is a line of an invoice; an event is an invoice. An invoice whose number starts with C is a
-- cancellation, so it becomes a return. Every line counts, repeated ones too. Lines without a customer become
-- events without a customer: the feature store rejects them, so that the count of events adds up.
-- The log has no category: the first two digits of the stock code stand in for one.
SELECT
  coalesce(CustomerID, '') AS customer_id,
  InvoiceNo AS event_id,
  CASE WHEN InvoiceNo LIKE 'C%' THEN 'return' ELSE 'order' END AS event_type,
  min(InvoiceDate::TIMESTAMP) AS event_time,
  CASE WHEN InvoiceNo LIKE 'C%' THEN -1 ELSE 1 END * sum(Quantity::INTEGER * UnitPrice::DECIMAL(12, 3)) AS amount,
  CASE WHEN InvoiceNo LIKE 'C%' THEN -1 ELSE 1 END * sum(Quantity::INTEGER) AS items,
  CASE WHEN InvoiceNo LIKE 'C%' THEN NULL ELSE list_sort(list(DISTINCT left(StockCode, 2))) END AS category
FROM input
GROUP BY CustomerID, InvoiceNo
